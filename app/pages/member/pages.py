from flask import Blueprint

blueprint = Blueprint("member", __name__, template_folder=".")
