"""What several figures share: style, stages of a life, courses of agents."""
