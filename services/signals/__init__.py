"""What is worth a look at partner shops: patterns in redemptions, found for a person to judge. They block nothing."""
