"""Services, their keys and rules, policies, heartbeats and maintenance."""
