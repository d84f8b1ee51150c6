"""Numbers and times as text: three significant digits, thin units, a dash for unmeasured."""
