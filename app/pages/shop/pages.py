from flask import Blueprint

blueprint = Blueprint("shop", __name__, template_folder=".")
