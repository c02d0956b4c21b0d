"""Parts of the benchmark `crawl`: a large newsroom on loopback, who crawls it, and what each process cost."""
