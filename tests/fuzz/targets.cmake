sallyport_fuzz_target(config LINKS config)
