from flask import Blueprint

blueprint = Blueprint("staff", __name__, template_folder=".")
