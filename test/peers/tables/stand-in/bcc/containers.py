def filter_by_containers(_):
    return ""
