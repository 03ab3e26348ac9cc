"""Opsgenie's Alert and Heartbeat APIs over our alerts and heartbeats: what is asked, done and shown, in its words."""
