"""Text before it is encoded: cleaned, made canonical, spelled, split, its language told, its terms found."""
