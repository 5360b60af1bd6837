"""What the dashboard says that `framework/` does not, as a change for people to review: `promise framework propose`.

`state` is what was landed, `places` says which page is about what, `wording`, `indicators`, `gaps` and `figures`
compare, `draft` and `review` are what comes of it. Nothing here writes into the checkout.
"""
