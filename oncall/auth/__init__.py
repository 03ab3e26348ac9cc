"""Who somebody is and what they may do: passwords, sessions, tokens, signatures, permissions."""
