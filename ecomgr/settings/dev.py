"""A person's own machine: plain HTTP on localhost, the stack of `make run`."""

from ecomgr.settings.base import *  # noqa: F403
from ecomgr.settings.base import env

SECRET_KEY = env.str("SECRET_KEY", default="only-for-this-machine-replaced-by-the-launcher")
