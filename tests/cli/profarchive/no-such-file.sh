profarchive list none.tar.zst
