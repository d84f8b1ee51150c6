"""The routes of core; each module makes one router from the services it needs."""
