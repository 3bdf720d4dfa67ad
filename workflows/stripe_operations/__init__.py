"""Every operation of the installed Stripe SDK as an action: read from its source when first asked for."""
