"""Edge 2: sound files in and out, through ffmpeg."""
