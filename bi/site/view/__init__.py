"""What each template gets: figures already put into words, so that templates only lay out."""
