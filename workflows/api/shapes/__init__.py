"""The shapes of what goes out and comes in, as serializers: they make the JSON and its schema."""
