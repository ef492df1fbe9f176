"""The development bench of Kehu Archive: provision, serve, test. Standard library only, Python 3.10 or later."""
