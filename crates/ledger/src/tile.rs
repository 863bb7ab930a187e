//! Coordinates and paths of tiles (C2SP tlog-tiles).
