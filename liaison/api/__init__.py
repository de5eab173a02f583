"""REST: the router. Serializers and viewsets stand in the api.py of each app."""
