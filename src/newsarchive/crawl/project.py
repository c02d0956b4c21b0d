"""Scrapy's settings module (`scrapy.cfg` names it): those of the archive that the `scrapy` command is run in."""

from __future__ import annotations

from newsarchive.archive import find_folder
from newsarchive.crawl.run import project_settings

# Scrapy reads the upper-case names of this module.
globals().update(project_settings(find_folder(), log_level="INFO"))
