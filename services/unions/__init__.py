"""The union tree: federation, towns and parks, grass-roots unions; subtrees are the scope of every rule."""
