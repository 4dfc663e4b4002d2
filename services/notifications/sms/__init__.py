"""SMS: two providers behind one port, their texts and prices, own limits, and what they report afterwards."""
