print("vitcam")
