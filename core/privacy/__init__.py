"""Protection of personal data: the register, how long each kind of data is kept, what a person may take away or have erased."""
