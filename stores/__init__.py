"""Facts, roll-ups and the gate through which every figure leaves."""
