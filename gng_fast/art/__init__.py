"""From a picture to a drawing: image -> points -> network -> graph -> drawing -> file."""
