"""What an installation is set up with beside the config file, by whom, and the first run."""
