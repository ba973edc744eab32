"""The studio: a page in the browser that draws pictures while one moves its sliders.

    guard        who may ask: token, Host and Origin
    connections  how many connections there may be, and how long one may take to say what it wants
    server       the addresses, and how the server starts and ends
    pages        an open page: its picture, its settings, and the one work that is done for it
    works        work in threads, each with a token that stops it
    settings     what a page asks for, as options of the recipes, a command line and Python
    pictures     the picture of a page, and what of it is ink
    drawings     what is made of a picture: drawings and files of them
    growth       what a page is shown while a network grows, in the pens and colours of the style
    pieces       drawings, and what has grown, as bytes for the page
    page/        the page itself: HTML, CSS and JavaScript, which need no build step and no network

It comes with `pip install 'gng-fast[studio]'` and is started by `gng-fast studio`.
"""
