"""What stands between a workflow and a customer's inbox: who gets nothing, how often, and how many a day."""
