"""Notices of officers (工会通知): written, counted, released by a second officer, sent, stopped, withdrawn."""
