"""Where: homes, workplaces, moving, lodging."""
