"""From the decision to page somebody to proof that it arrived: rules, outbox, sender, receipts, replies."""
