"""The site's addresses, with the baseline beside them."""

from django.urls import path

from bench.views import bare
from stripeflow_site.urls import urlpatterns as of_the_site

urlpatterns = [path("bare/", bare), *of_the_site]
