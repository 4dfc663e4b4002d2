"""“The shop said no”: a member tells, the shop answers, after a day the union looks into it (商户没给优惠的反馈)."""
