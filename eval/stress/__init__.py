"""Sessions under a real limit of memory: what fails without a flash tier, and what goes on."""
