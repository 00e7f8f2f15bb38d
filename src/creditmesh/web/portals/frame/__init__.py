"""What stands around every page: the menu, words, charts, paging, refusals."""
