from django.urls import include, path
from djstripe.urls import urlpatterns as djstripe_urls

from bench.views import bare

urlpatterns = [
    path("bare/", bare),
    path("djstripe/", include((djstripe_urls, "djstripe"))),
]
