"""Text before it is encoded: cleaned, folded, split, its language told, its terms found."""
