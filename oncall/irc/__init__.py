"""IRC, as far as it is more than messages: one bot an installation, commands, the channel's topic."""
