"""One script per published figure; each writes bench/results/NAME.json."""
