"""Who a signed-in visitor is in the roster: consent, binding at once, requests in the union's tray, moving a bond."""
