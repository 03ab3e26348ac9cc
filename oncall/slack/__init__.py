"""What Slack can do beside carrying pages: buttons, `/oncall`, and user groups that follow who is on call."""
