sallyport_fuzz_target(config LINKS config)
sallyport_fuzz_target(sip_parser LINKS net_sip)
sallyport_fuzz_target(sip_framer LINKS net_sip)
sallyport_fuzz_target(first_bytes LINKS net_io)
