from gng_fast.cli import main

raise SystemExit(main())
