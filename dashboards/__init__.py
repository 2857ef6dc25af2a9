"""What people see: screens, the JSON door, the push of releases; asks cubes, knows no SQL."""
