"""H5 pages by audience: views and templates together; they call the same services as the API."""
