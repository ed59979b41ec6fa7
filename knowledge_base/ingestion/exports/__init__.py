"""What other systems export: their records turned into dialogue lines."""
