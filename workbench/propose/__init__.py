"""What the dashboard says that `framework/` and the bundle do not, for people to review: `promise framework propose`.

`state` is what was landed, `places` says which page is about what, `wording`, `indicators` and `figures` compare, and
`review` is the page that comes of it. Nothing here writes into the checkout: people do.
"""
