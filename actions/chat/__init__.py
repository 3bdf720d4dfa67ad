"""Messages to the team's chat, by the incoming webhooks of Slack, Microsoft Teams and Discord.

Each service is a module: its kind of connection, how it writes a message, and its action.
"""
