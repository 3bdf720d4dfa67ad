"""The actions that come with StripeFlow."""
