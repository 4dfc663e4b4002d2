"""The roster (会员花名册): a union's sheet is read, judged row by row, corrected, chosen from, applied, undone."""
